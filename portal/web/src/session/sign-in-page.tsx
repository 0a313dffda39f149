import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useState, type SubmitEvent } from "react";
import { ApiProblem } from "../api/api-problem.ts";
import { usePageTitle } from "../ui/document-title.ts";
import { AlertIcon, Logo } from "../ui/icons.tsx";
import { renderDuration } from "../ui/times.ts";
import { useMe, useSignIn } from "./session.ts";
import classes from "./sign-in-page.module.css";

/** `returnPath` is where the reader was, or was going. */
export function SignInPage({ returnPath }: { returnPath: string }) {
  usePageTitle("Sign in");
  const router = useRouter();
  const me = useMe();
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  const signedIn = me.data !== null && me.data !== undefined;
  useEffect(() => {
    if (signedIn) router.history.replace(returnPath);
  }, [router, returnPath, signedIn]);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate({ email, password });
  };

  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Group gap="sm" mb="lg">
          <Logo size={32} />
          <Text fw={650} size="lg">
            PerfAnalysis
          </Text>
        </Group>
        <Title order={1} size="h2">
          Sign in
        </Title>
        <Text size="sm" c="dimmed" mb="lg">
          To see your machines and their reports.
        </Text>
        <form onSubmit={submit} aria-label="Sign in">
          <Stack gap="md">
            {signIn.error !== null && <SignInProblem error={signIn.error} />}
            <TextInput
              label="Email"
              type="email"
              name="email"
              autoComplete="username"
              required
              withAsterisk={false}
              // The page is the form: whoever comes here wants to type.
              // oxlint-disable-next-line jsx-a11y/no-autofocus
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" fullWidth loading={signIn.isPending} mt="xs">
              Sign in
            </Button>
          </Stack>
        </form>
      </div>
    </main>
  );
}

function SignInProblem({ error }: { error: Error }) {
  const { title, text } = explain(error);
  return (
    <Alert color="red" variant="light" role="alert" title={title} icon={<AlertIcon />}>
      {text}
    </Alert>
  );
}

function explain(error: Error): { title: string; text: string } {
  if (!(error instanceof ApiProblem)) return { title: "Cannot sign in", text: error.message };
  if (error.status === 401) {
    return {
      title: "Email or password is wrong",
      text: "Check both and try again. Capital letters count in the password.",
    };
  }
  if (error.status === 429) {
    const wait =
      error.retryAfterS === null ? "a minute" : renderDuration(Math.max(1, error.retryAfterS));
    return {
      title: "Too many attempts",
      text: `To keep guessers out, the portal takes no more for now. Try again in ${wait}.`,
    };
  }
  const reference = error.requestId === null ? "" : ` (request ${error.requestId})`;
  return { title: error.title, text: `${error.detail || "Please try again."}${reference}` };
}
