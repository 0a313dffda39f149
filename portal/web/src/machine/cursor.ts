import { createContext, use, useSyncExternalStore } from "react";

/** The one place in time that every chart of a page points at; null: none. */
export class Cursor {
  #timeS: number | null = null;
  #listeners = new Set<() => void>();

  get timeS(): number | null {
    return this.#timeS;
  }

  moveTo(timeS: number | null): void {
    if (timeS === this.#timeS) return;
    this.#timeS = timeS;
    for (const listener of this.#listeners) listener();
  }

  onMove(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const CursorContext = createContext<Cursor | null>(null);

export function useCursor(): Cursor {
  const cursor = use(CursorContext);
  if (cursor === null) throw new Error("Cannot point at charts: there is no CursorContext around");
  return cursor;
}

export function useCursorTime(): number | null {
  const cursor = useCursor();
  return useSyncExternalStore(
    (listener) => cursor.onMove(listener),
    () => cursor.timeS,
  );
}
