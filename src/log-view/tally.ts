/** What was read. */
export interface Tally {
  decisions: number;
  /** Lines of other programs, and lines about the service. */
  foreign: number;
  tooLong: number;
}
