/** One call of a worker: its input and answer, and what it tells meanwhile. */
export interface Call<Input, Output, Event = never> {
  readonly input: Input;
  readonly output: Output;
  readonly event: Event;
}
