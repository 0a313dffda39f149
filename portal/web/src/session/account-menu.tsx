import {
  Button,
  Menu,
  SegmentedControl,
  Text,
  useMantineColorScheme,
  VisuallyHidden,
  type MantineColorScheme,
} from "@mantine/core";
import type { Me } from "@perfanalysis/contract/api";
import { AutoIcon, ChevronIcon, MoonIcon, SunIcon } from "../ui/icons.tsx";
import classes from "./account-menu.module.css";
import { useSignOut } from "./session.ts";

/** Who is signed in, for which organisation; theme and sign-out. */
export function AccountMenu({ me }: { me: Me }) {
  const signOut = useSignOut();
  return (
    <Menu width={260} position="bottom-end" withinPortal={false} closeOnItemClick={false}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px="xs"
          rightSection={<ChevronIcon />}
          aria-label={`Account of ${me.name} at ${me.tenant_name}`}
          data-testid="account-menu"
          className={classes.target}
        >
          <span className={classes.name}>{me.tenant_name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <Text fw={600} size="sm" truncate>
            {me.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {me.email}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {me.tenant_name}, {me.role}
          </Text>
        </div>
        <Menu.Divider />
        <ThemeChoice />
        <Menu.Divider />
        <Menu.Item onClick={() => signOut.mutate()} disabled={signOut.isPending}>
          Sign out
        </Menu.Item>
        {signOut.error !== null && (
          <Text size="xs" c="red" role="alert" px="sm" pb="xs">
            Still signed in: {signOut.error.message}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

const themes: readonly MantineColorScheme[] = ["light", "auto", "dark"];
const themeIcons = { light: <SunIcon />, auto: <AutoIcon />, dark: <MoonIcon /> };
const themeNames = { light: "Light", auto: "As the system", dark: "Dark" };

function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.theme}>
      <Text size="sm">Theme</Text>
      <SegmentedControl<MantineColorScheme>
        size="xs"
        aria-label="Theme"
        value={colorScheme}
        onChange={setColorScheme}
        data={themes.map((value) => ({
          value,
          label: (
            <span className={classes.themeLabel} title={themeNames[value]}>
              {themeIcons[value]}
              <VisuallyHidden>{themeNames[value]}</VisuallyHidden>
            </span>
          ),
        }))}
      />
    </div>
  );
}
