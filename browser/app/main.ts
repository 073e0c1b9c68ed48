/** An application as any other, for the bundlers: asks the server that its address names and shows the answer. */
import { Req0 } from "sprocket";

const url = new URLSearchParams(location.search).get("server") ?? "";
const output = document.querySelector("output");
const req = new Req0();
try {
  await req.dial(url);
  const reply = await req.request("world", { timeout: 20_000 });
  if (output !== null) output.textContent = new TextDecoder().decode(reply);
} finally {
  await req.close();
}
