/** What was read. */
export interface Tally {
  decisions: number;
  /** The decisions that all filters let pass. */
  matching: number;
  /** Lines of other programs, and lines about the service. */
  foreign: number;
  tooLong: number;
}
