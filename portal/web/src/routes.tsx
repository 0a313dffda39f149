import { Button, EmptyState, Loader } from "@mantine/core";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  Outlet,
  useNavigate,
  useRouter,
  type ErrorComponentProps,
} from "@tanstack/react-router";
import { useEffect } from "react";
import { FleetPage } from "./fleet/fleet-page.tsx";
import type { RangeSearch } from "./machine/time-range.ts";
import { parseReturnPath } from "./session/return-path.ts";
import { useMe } from "./session/session.ts";
import { SignInPage } from "./session/sign-in-page.tsx";
import { usePageTitle } from "./ui/document-title.ts";
import { ProblemAlert } from "./ui/problem-alert.tsx";
import classes from "./routes.module.css";
import { Shell } from "./ui/shell.tsx";

const rootRoute = createRootRoute({ notFoundComponent: NotFound, errorComponent: PageFault });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: ({ to }: Record<string, unknown>): { to?: string } =>
    to === undefined ? {} : { to: parseReturnPath(to) },
  component: function SignIn() {
    const { to = "/" } = signInRoute.useSearch();
    return <SignInPage returnPath={to} />;
  },
});

/** Everything that only people who are signed in see. */
const portalRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "portal",
  component: Portal,
});

const fleetRoute = createRoute({
  getParentRoute: () => portalRoute,
  path: "/",
  component: FleetPage,
});

export const machineRoute = createRoute({
  getParentRoute: () => portalRoute,
  path: "/machines/$machineId",
  validateSearch: (search: Record<string, unknown>): RangeSearch => ({
    ...(typeof search["range"] === "string" ? { range: search["range"] } : {}),
    ...(typeof search["from"] === "number" ? { from: search["from"] } : {}),
    ...(typeof search["to"] === "number" ? { to: search["to"] } : {}),
  }),
  // uPlot and the charts are not needed to see the list.
  component: lazyRouteComponent(() => import("./machine/machine-route.tsx"), "MachineRoute"),
});

const enrolmentRoute = createRoute({
  getParentRoute: () => portalRoute,
  path: "/enrolment",
  component: lazyRouteComponent(() => import("./enrolment/enrolment-page.tsx"), "EnrolmentPage"),
});

export function createPages() {
  return createRouter({
    routeTree: rootRoute.addChildren([
      signInRoute,
      portalRoute.addChildren([fleetRoute, machineRoute, enrolmentRoute]),
    ]),
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPages>;
  }
}

function Portal() {
  const { data: me, error, refetch } = useMe();
  if (me === null) return <ToSignIn />;
  if (me !== undefined) {
    return (
      <Shell me={me}>
        <Outlet />
      </Shell>
    );
  }
  return (
    <main className={classes.whole}>
      {error === null ? (
        <Loader aria-label="Loading PerfAnalysis" />
      ) : (
        <ProblemAlert
          title="Cannot open PerfAnalysis"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
    </main>
  );
}

/** Once, with the address as it was: the redirect itself changes it. */
function ToSignIn() {
  const navigate = useNavigate();
  const router = useRouter();
  useEffect(() => {
    const { href } = router.state.location;
    void navigate({ to: "/sign-in", search: href === "/" ? {} : { to: href }, replace: true });
  }, [navigate, router]);
  return null;
}

function NotFound() {
  usePageTitle("No such page");
  return (
    <main className={classes.whole}>
      <EmptyState title="No such page" description="The address leads nowhere in this portal.">
        <EmptyState.Actions>
          <Button component={Link} to="/">
            To the machines
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </main>
  );
}

function PageFault({ error, reset }: ErrorComponentProps) {
  return (
    <main className={classes.whole}>
      <ProblemAlert
        title="This page has failed"
        error={error instanceof Error ? error : new Error(String(error))}
        onRetry={reset}
      />
    </main>
  );
}
