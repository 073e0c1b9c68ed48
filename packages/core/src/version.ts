/** The version of this copy of core. A test compares it with package.json. */
export const version = "0.1.0";
