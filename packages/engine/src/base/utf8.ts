/** Both exist in every host: browsers, workers and Node; the language's own library does not declare them. */
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** UTF-8 bytes as text; what is no UTF-8 becomes U+FFFD. */
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes);

/** A text as UTF-8. */
export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);
