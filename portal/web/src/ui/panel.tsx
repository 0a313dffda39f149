import { Skeleton, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./panel.module.css";
import { ProblemAlert } from "./problem-alert.tsx";

interface PanelProps {
  /** Of its heading. */
  id: string;
  title: string;
  children: ReactNode;
}

/** A part of a page, with a heading of its own. */
export function Panel({ id, title, children }: PanelProps) {
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <Title order={2} id={id} mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}

interface PanelListProps<Item> {
  /** What the items are, within a sentence. */
  what: string;
  /** undefined: not there yet. */
  items: readonly Item[] | undefined;
  error: Error | null;
  onRetry: () => void;
  /** Said where there is none. */
  empty: string;
  /** A `PanelRow`. */
  children: (item: Item) => ReactNode;
}

/** The rows of a panel; or that they are loading, cannot be shown, or are none. */
export function PanelList<Item>(props: PanelListProps<Item>) {
  const { what, items, error, onRetry, empty, children } = props;
  return (
    <>
      {error !== null && (
        <ProblemAlert title={`Cannot show the ${what}`} error={error} onRetry={onRetry} />
      )}
      {items === undefined && error === null && (
        <Skeleton height={48} role="status" aria-label={`Loading ${what}`} />
      )}
      {items?.length === 0 && (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      )}
      {items !== undefined && items.length > 0 && (
        <ul className={classes.list}>{items.map(children)}</ul>
      )}
    </>
  );
}

/** What it is stands first and takes the room that `children`, its state and what can be done with it, leave. */
export function PanelRow({ what, children }: { what: ReactNode; children: ReactNode }) {
  return (
    <li className={classes.row}>
      <div className={classes.what}>{what}</div>
      <div className={classes.state}>{children}</div>
    </li>
  );
}
