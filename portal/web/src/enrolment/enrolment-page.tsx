import {
  Button,
  EmptyState,
  Group,
  NumberInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import type { Enrolment, NewEnrolment } from "@perfanalysis/contract/api";
import { useState, type FormEvent } from "react";
import { mayAdminister, useMe } from "../session/session.ts";
import { AskFirst } from "../ui/ask-first.tsx";
import { CommandLine } from "../ui/command-line.tsx";
import { usePageTitle } from "../ui/document-title.ts";
import { useNow } from "../ui/now.ts";
import { Panel, PanelList, PanelRow } from "../ui/panel.tsx";
import { ProblemAlert } from "../ui/problem-alert.tsx";
import { TimeText } from "../ui/time-text.tsx";
import { parseTime, renderDuration } from "../ui/times.ts";
import classes from "./enrolment-page.module.css";
import { isOpen, useEnrolments, useMakeEnrolment, useRevokeEnrolment } from "./enrolments.ts";

const maxName = 64;
const maxHosts = 10_000;

/** Where an administrator lets hosts in: a token for an hour, and those that are open. */
export function EnrolmentPage() {
  usePageTitle("Enrolment");
  const { data: me } = useMe();
  if (!mayAdminister(me)) {
    return (
      <EmptyState
        title="For administrators"
        description="Whoever administers this organisation lets hosts enrol."
      />
    );
  }
  return (
    <Stack gap="lg" className={classes.page}>
      <div>
        <Title order={1}>Enrolment</Title>
        <Text size="sm" c="dimmed">
          A token works for an hour. Each host that uses it becomes a machine with a key of its own.
        </Text>
      </div>
      <MakeToken />
      <OpenTokens />
    </Stack>
  );
}

function MakeToken() {
  const make = useMakeEnrolment();
  const { data: enrolments } = useEnrolments();
  const nowS = useNow(1_000);
  const [name, setName] = useState("");
  const [hosts, setHosts] = useState<number | string>(1);
  const isWhole = typeof hosts === "number" && hosts >= 1;
  const made = make.data;
  // A token that lets nobody in any more is not offered.
  const isSpent = enrolments?.some(
    (each) => each.enrolment_id === made?.enrolment_id && !isOpen(each, nowS),
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isWhole || name.trim() === "") return;
    make.mutate({ name: name.trim(), max_uses: hosts }, { onSuccess: () => setName("") });
  };
  return (
    <Panel id="make-token" title="New token">
      <form onSubmit={onSubmit} className={classes.form}>
        <TextInput
          label="What it is for"
          placeholder="web-07, or rack 7"
          required
          maxLength={maxName}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          className={classes.name}
        />
        <NumberInput
          label="Hosts"
          required
          min={1}
          max={maxHosts}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="strict"
          value={hosts}
          onChange={setHosts}
          className={classes.hosts}
        />
        <Button type="submit" loading={make.isPending} disabled={!isWhole || name.trim() === ""}>
          Make token
        </Button>
      </form>
      {make.error !== null && <ProblemAlert title="Cannot make the token" error={make.error} />}
      {made !== undefined && isSpent !== true && <Made made={made} onDone={() => make.reset()} />}
    </Panel>
  );
}

/** The token itself: with this card it is gone. */
function Made({ made, onDone }: { made: NewEnrolment; onDone: () => void }) {
  return (
    <div className={classes.made} role="status" data-testid="new-token">
      <Stack gap="md">
        <Text size="sm">
          This token for “{made.name}” is shown only now. It works until{" "}
          <TimeText timeS={Math.floor(parseTime(made.expires_at))} /> and lets in{" "}
          {renderHosts(made.max_uses)}.
        </Text>
        <CommandLine
          title="On the host"
          text={`sudo pcctl enroll --portal ${window.location.origin}`}
        />
        <CommandLine title="When it asks for the token" text={made.token} />
        <Group justify="flex-end">
          <Button size="xs" variant="default" onClick={onDone}>
            Done
          </Button>
        </Group>
      </Stack>
    </div>
  );
}

function OpenTokens() {
  const { data: enrolments, error, refetch } = useEnrolments();
  const nowS = useNow(1_000);
  const open = enrolments?.filter((enrolment) => isOpen(enrolment, nowS));
  return (
    <Panel id="open-tokens" title="Open tokens">
      <PanelList
        what="tokens"
        items={open}
        error={error}
        onRetry={() => void refetch()}
        empty="None: no host can enrol now. Hosts that did keep their keys."
      >
        {(enrolment) => <TokenRow key={enrolment.enrolment_id} enrolment={enrolment} nowS={nowS} />}
      </PanelList>
    </Panel>
  );
}

function TokenRow({ enrolment, nowS }: { enrolment: Enrolment; nowS: number }) {
  const { name, hint, uses, max_uses, created_by, created_at, expires_at } = enrolment;
  const leftS = Math.max(60, 60 * Math.round((parseTime(expires_at) - nowS) / 60));
  return (
    <PanelRow
      what={
        <>
          <Text fw={550}>
            {name}{" "}
            <Text span size="sm" c="dimmed" fw={400}>
              …{hint}
            </Text>
          </Text>
          <Text size="xs" c="dimmed">
            Made by {created_by}, <TimeText timeS={Math.floor(parseTime(created_at))} />
          </Text>
        </>
      }
    >
      <Text size="sm">
        {uses} of {renderHosts(max_uses)}, {renderDuration(leftS)} left
      </Text>
      <RevokeToken enrolment={enrolment} />
    </PanelRow>
  );
}

function renderHosts(count: number): string {
  return count === 1 ? "1 host" : `${count} hosts`;
}

function RevokeToken({ enrolment }: { enrolment: Enrolment }) {
  const revoke = useRevokeEnrolment();
  return (
    <AskFirst
      question="Let no more hosts in with it? Those that it let in keep their keys."
      verb="Revoke"
      what="token"
      work={revoke}
      onConfirm={() => revoke.mutate(enrolment.enrolment_id)}
      renderTarget={(toggle) => (
        <Button
          size="xs"
          variant="default"
          aria-label={`Revoke the token ${enrolment.name}`}
          onClick={toggle}
        >
          Revoke
        </Button>
      )}
    />
  );
}
