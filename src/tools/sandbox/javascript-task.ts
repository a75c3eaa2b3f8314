/** One call of a javascript tool, as it goes to the child process. */
export interface JavascriptTask {
  readonly code: string;
  /** JSON. */
  readonly arguments: string;
  /** RFC 3339; the only clock that the tool has. */
  readonly now: string;
  /** From which the tool's random numbers follow. */
  readonly seed: number;
  readonly limits: {
    readonly timeoutMs: number;
    readonly memoryBytes: number;
    readonly stackBytes: number;
    readonly outputBytes: number;
  };
}
