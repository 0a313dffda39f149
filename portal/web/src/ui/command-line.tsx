import { Button, CopyButton, Text } from "@mantine/core";
import classes from "./command-line.module.css";

/** What is to be typed elsewhere, with a button that copies it. */
export function CommandLine({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <Text size="sm" fw={550} mb={6}>
        {title}
      </Text>
      <div className={classes.command}>
        <code>{text}</code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  );
}
