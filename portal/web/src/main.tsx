// Styles have nothing to assign.
/* oxlint-disable import/no-unassigned-import */
import "@mantine/core/styles.css";
import "@fontsource-variable/inter/wght.css";
import "./ui/theme.css";
import { MantineProvider } from "@mantine/core";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "./api/api-problem.ts";
import { LiveConnection } from "./live/live-connection.ts";
import { LiveContext } from "./live/live-context.tsx";
import { createPages } from "./routes.tsx";
import { forgetMe } from "./session/session.ts";
import { theme } from "./ui/theme.ts";
import { TimesContext } from "./ui/time-text.tsx";
import { createTimes } from "./ui/times.ts";

const retries = 2;

const live = new LiveConnection({
  open: () => new WebSocket(new URL("/api/v1/live", window.location.href.replace(/^http/, "ws"))),
  clock: {
    nowMs: () => Date.now(),
    after: (delayMs, work) => {
      const timer = setTimeout(work, delayMs);
      return () => clearTimeout(timer);
    },
  },
  random: Math.random,
});
window.addEventListener("offline", () => live.interrupt());
window.addEventListener("online", () => live.retryNow());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) live.retryNow();
});

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < retries && isTransient(error),
    },
  },
  queryCache: new QueryCache({ onError: leaveSession }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _onMutateResult, { options }) => {
      // A wrong password is no end of a session.
      if (options.mutationKey?.[0] !== "sign-in") leaveSession(error);
    },
  }),
});

function leaveSession(error: Error): void {
  if (error instanceof ApiProblem && error.status === 401) forgetMe(queryClient);
}

function isTransient(error: Error): boolean {
  return (
    error instanceof ApiProblem && (error.status === null || [502, 503, 504].includes(error.status))
  );
}

const root = document.getElementById("root");
if (root === null)
  throw new Error("Cannot show the pages: index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <TimesContext value={createTimes()}>
          <LiveContext value={live}>
            <RouterProvider router={createPages()} />
          </LiveContext>
        </TimesContext>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
