/** What a terminal takes for orders, and programs that read line by line for the end of one, though JSON allows it in a string. */
const controls = /[\u007f-\u009f\u2028\u2029]/g;

/** A value as JSON with a newline; `indent`: spaces a level, in one line without. Text of a dump may hold anything. */
export const jsonText = (value: unknown, indent?: number): string =>
  `${JSON.stringify(value, null, indent).replace(controls, escaped)}\n`;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
