/** What a class cannot do does not compile, and says why when JavaScript does it all the same. */
import type { Message, Receiver, Sender, ServeHandle } from "@sprocket/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  RawRespondent0,
  RawSurveyor0,
  Respondent0,
  type RespondentContext,
  type SurveyAnswers,
  Surveyor0,
  type Surveyor0Options,
  type SurveyorContext,
  type SurveyorContextOptions,
} from "../src/index.js";
import { keep } from "./support/world.js";

type Both = keyof Sender | keyof Receiver;
type Special = "context" | "survey" | "surveyTime" | "serve" | "ttlMax" | "subscribe" | "sendBufferSize";
/** Those of all the verbs and options that a class has. */
type Has<Class> = Extract<keyof Class, Both | Special>;

describe("each class has the verbs of its role and no others", () => {
  test("Surveyor0 asks", () => {
    expectTypeOf<Has<Surveyor0>>().toEqualTypeOf<Both | "context" | "survey" | "surveyTime">();
    expectTypeOf<Surveyor0>().toExtend<Sender & Receiver>();
    expectTypeOf<Surveyor0["context"]>().returns.toEqualTypeOf<SurveyorContext>();
    expectTypeOf<Surveyor0["survey"]>().returns.toEqualTypeOf<SurveyAnswers>();
    expectTypeOf<SurveyAnswers>().toExtend<AsyncIterable<Message>>();
    expectTypeOf<SurveyAnswers["toArray"]>().returns.resolves.toEqualTypeOf<Message[]>();
    expectTypeOf<Has<SurveyorContext>>().toEqualTypeOf<Both | "surveyTime">();
  });

  test("Respondent0 answers", () => {
    expectTypeOf<Has<Respondent0>>().toEqualTypeOf<Both | "context" | "serve" | "ttlMax">();
    expectTypeOf<Respondent0>().toExtend<Sender & Receiver>();
    expectTypeOf<Respondent0["context"]>().returns.toEqualTypeOf<RespondentContext>();
    expectTypeOf<Respondent0["serve"]>().returns.toEqualTypeOf<ServeHandle>();
    expectTypeOf<Has<RespondentContext>>().toEqualTypeOf<Both>();
  });

  test("raw sockets send and receive messages, without contexts and helpers", () => {
    expectTypeOf<Has<RawSurveyor0>>().toEqualTypeOf<Both>();
    expectTypeOf<Has<RawRespondent0>>().toEqualTypeOf<Both | "ttlMax">();
    expectTypeOf<RawSurveyor0>().toExtend<Sender & Receiver<Message>>();
    expectTypeOf<RawRespondent0>().toExtend<Sender & Receiver<Message>>();
  });
});

test("options are those of the class", () => {
  expectTypeOf<Surveyor0Options>().toExtend<SurveyorContextOptions>();
  const refused = expect.objectContaining({ code: expect.stringMatching(/^SP_(ENOTSUP|EBADTYPE)$/) });
  const surveyor = keep(new Surveyor0());
  // @ts-expect-error
  expect(() => new Surveyor0({ ttlMax: 1 })).toThrow(refused);
  // @ts-expect-error
  expect(() => new Respondent0({ surveyTime: 1 })).toThrow(refused);
  // @ts-expect-error
  expect(() => new RawSurveyor0({ surveyTime: 1 })).toThrow(refused);
  // @ts-expect-error
  expect(() => surveyor.context({ ttlMax: 1 })).toThrow(refused);
  // @ts-expect-error
  expect(() => surveyor.survey(5)).toThrow(refused);
  // @ts-expect-error
  expect(() => surveyor.survey("x", { timeout: "1s" })).toThrow(refused);
  // @ts-expect-error
  expect(() => keep(new Respondent0()).serve("no handler")).toThrow(refused);
});

for (const Class of [RawSurveyor0, RawRespondent0]) {
  test(`${Class.name} refuses context with NotSupportedError`, () => {
    const socket = keep(new Class()) as unknown as { context(): unknown };
    expect(() => socket.context()).toThrow(expect.objectContaining({ code: "SP_ENOTSUP", errno: 9 }));
  });
}
