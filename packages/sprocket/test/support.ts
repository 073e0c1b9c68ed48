/** What these tests share: the classes, and the closing of what a test has made. */
import { afterEach } from "vitest";
import * as sprocket from "../src/index.js";

/** Every socket class, by name. */
export const classes = {
  Bus0: sprocket.Bus0,
  Pair0: sprocket.Pair0,
  Pair1: sprocket.Pair1,
  Pub0: sprocket.Pub0,
  Pull0: sprocket.Pull0,
  Push0: sprocket.Push0,
  RawBus0: sprocket.RawBus0,
  RawPair0: sprocket.RawPair0,
  RawPair1: sprocket.RawPair1,
  RawPub0: sprocket.RawPub0,
  RawPull0: sprocket.RawPull0,
  RawPush0: sprocket.RawPush0,
  RawRep0: sprocket.RawRep0,
  RawReq0: sprocket.RawReq0,
  RawRespondent0: sprocket.RawRespondent0,
  RawSub0: sprocket.RawSub0,
  RawSurveyor0: sprocket.RawSurveyor0,
  Rep0: sprocket.Rep0,
  Req0: sprocket.Req0,
  Respondent0: sprocket.Respondent0,
  Sub0: sprocket.Sub0,
  Surveyor0: sprocket.Surveyor0,
};

const kept: sprocket.Socket[] = [];

/** Destroys it after the test. */
export function keep<Kept extends sprocket.Socket>(socket: Kept): Kept {
  kept.push(socket);
  return socket;
}

afterEach(() => {
  for (const socket of kept.splice(0)) socket.destroy();
});
