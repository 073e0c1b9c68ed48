/** `Surveyor0` asks everybody, `Respondent0` answers. */
export type { SurveyAnswers } from "./answers.js";
export { RawRespondent0, RawSurveyor0 } from "./raw.js";
export { Respondent0, type Respondent0Options, RespondentContext } from "./respondent.js";
export {
  type SurveyOptions,
  Surveyor0,
  type Surveyor0Options,
  SurveyorContext,
  type SurveyorContextOptions,
} from "./surveyor.js";
