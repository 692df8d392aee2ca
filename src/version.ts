/** The version of Oche itself. */
export const VERSION = "0.1.0";
