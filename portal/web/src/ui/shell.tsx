import type { Me } from "@perfanalysis/contract/api";
import { Link } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { useLiveConnection } from "../live/live-context.tsx";
import { LiveIndicator } from "../live/live-indicator.tsx";
import { AccountMenu } from "../session/account-menu.tsx";
import { mayAdminister } from "../session/session.ts";
import { Logo } from "./icons.tsx";
import classes from "./shell.module.css";

/** What surrounds every page of someone signed in. */
export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const live = useLiveConnection();
  // Nobody who is not signed in may listen: without this it would be tried again and again.
  useEffect(() => () => live.close(), [live]);
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand} aria-label="PerfAnalysis, all machines">
            <Logo />
            <span className={classes.brandName}>PerfAnalysis</span>
          </Link>
          <nav className={classes.navigation} aria-label="Main">
            <Link to="/" activeOptions={{ exact: true }}>
              Machines
            </Link>
            {mayAdminister(me) && <Link to="/enrolment">Enrolment</Link>}
          </nav>
          <LiveIndicator />
          <AccountMenu me={me} />
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
