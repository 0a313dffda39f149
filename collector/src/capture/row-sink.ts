/** Where rows go, in the order of time. */
export interface RowSink {
  /** Names by the CSV standard, of the rows that follow. */
  setColumns(columns: readonly string[]): void;
  /**
   * `elapsedS` are the seconds that the row's rates are measured over, null where nobody knows; NaN is a gap. The values hold
   * during the call.
   */
  add(timestampS: number, elapsedS: number | null, values: Float64Array): void;
  /** There are no more rows. */
  end(): void;
}
