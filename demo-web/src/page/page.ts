/** The page: a panel for each idea, each with sockets of its own. */
import { AskPanel } from "./ask.js";
import { ChatPanel } from "./chat.js";
import { Desk } from "./desk.js";
import { find, setText } from "./dom.js";
import { LinePanel } from "./line.js";
import { Me } from "./me.js";
import { MetricsPanel } from "./metrics.js";
import { People } from "./people.js";
import { PicturePanel } from "./picture.js";
import { showCommands } from "./shell.js";
import { Switchboard } from "./switchboard.js";

/** ms between two looks at the counters. */
const LOOK_EVERY = 500;

const me = new Me();
// Sockets begin to dial, and to tell of it, as soon as they are made.
let switchboard: Switchboard | undefined;
let people: People | undefined;
const changed = (): void => {
  switchboard?.show();
  if (people?.link.state === "waiting") people.unknown();
};

const chat = new ChatPanel(me, changed);
const picture = new PicturePanel(
  me,
  { onDraw: () => desk.draw(), onUnknown: () => desk.fetchPicture() },
  changed,
);
const presence = new People(me, () => picture.computing, changed);
people = presence;
const metrics = new MetricsPanel((list) => presence.show(list), changed);
const ask = new AskPanel(changed);
const line = new LinePanel(me, changed);
const desk = new Desk(
  {
    onWelcome: (welcome, restarted) => {
      chat.welcome(welcome, restarted);
      metrics.welcome(welcome);
      presence.show(welcome.people);
      setText(find("version", HTMLElement), `${welcome.version}, on Node ${welcome.node}`);
    },
    onPicture: (snapshot) => picture.welcome(snapshot),
  },
  changed,
);

chat.link.socket.addEventListener("pipeclose", () => line.serverGone());

// Publishers do not repeat themselves: first listen, then ask what there was before.
const heard = [desk.link, chat.link, picture.link];
for (const { socket } of heard) {
  socket.addEventListener("connected", () => {
    if (heard.every(({ state }) => state === "connected")) void desk.catchUp();
  });
}

switchboard = new Switchboard(
  () => [
    chat.link.report(),
    presence.link.report(),
    metrics.link.report(),
    ask.link.report(),
    desk.link.report(),
    ...picture.reports(),
    line.report(),
  ],
  () => line.busy,
);
switchboard.show();
setInterval(() => {
  changed();
  metrics.tick();
}, LOOK_EVERY);
showCommands();
