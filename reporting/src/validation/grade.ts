/** How far data can be trusted: A supports every conclusion, F none. */
export type Grade = "A" | "B" | "C" | "D" | "F";

const grades: Grade[] = ["A", "B", "C", "D", "F"];

/** The first limit that `ratio` does not exceed decides: A, B, C, D; else one worse than the last. */
export function gradeOf(ratio: number, limits: readonly number[]): Grade {
  const index = limits.findIndex((limit) => ratio <= limit);
  return grades[index < 0 ? limits.length : index] ?? "F";
}

export function worstOf(several: readonly Grade[]): Grade {
  return several.reduce<Grade>((worst, grade) => (grade > worst ? grade : worst), "A");
}
