// Decorative: what they mean is always said in words beside them or in a label.
import type { ReactNode } from "react";

function Icon({ children, size = 18 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

export const Logo = ({ size = 28 }: { size?: number }) => (
  <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32">
    <rect width="32" height="32" rx="8" fill="#3b4fd8" />
    <path
      d="M5 19h5l3-10 5 15 3.5-9 1.5 4h4"
      fill="none"
      stroke="#fff"
      strokeWidth="2.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
);

export const SearchIcon = () => (
  <Icon size={16}>
    <circle cx="11" cy="11" r="7" />
    <path d="m20 20-4-4" />
  </Icon>
);

export const SortIcon = ({ direction }: { direction: "ascending" | "descending" }) => (
  <Icon size={14}>
    <path d={direction === "ascending" ? "m6 15 6-6 6 6" : "m6 9 6 6 6-6"} />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon size={14}>
    <path d="m6 9 6 6 6-6" />
  </Icon>
);

export const BackIcon = () => (
  <Icon size={16}>
    <path d="m14 6-6 6 6 6" />
  </Icon>
);

export const UndoIcon = () => (
  <Icon size={16}>
    <path d="M9 14 4 9l5-5" />
    <path d="M4 9h10a6 6 0 0 1 0 12h-3" />
  </Icon>
);

export const ReportIcon = () => (
  <Icon size={16}>
    <path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8z" />
    <path d="M14 3v5h5M9 17v-3M12 17v-6M15 17v-2" />
  </Icon>
);

export const DownloadIcon = () => (
  <Icon size={16}>
    <path d="M12 4v11m0 0 4-4m-4 4-4-4M5 20h14" />
  </Icon>
);

export const DeleteIcon = () => (
  <Icon size={16}>
    <path d="M5 7h14M10 11v6M14 11v6M7 7l1 12a2 2 0 0 0 2 2h4a2 2 0 0 0 2-2l1-12M9 7V4h6v3" />
  </Icon>
);

export const OpenIcon = () => (
  <Icon size={16}>
    <path d="M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4" />
  </Icon>
);

export const TableIcon = () => (
  <Icon size={16}>
    <path d="M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9" />
  </Icon>
);

export const ChartIcon = () => (
  <Icon size={16}>
    <path d="M4 4v16h16M8 15l3-4 3 2 5-7" />
  </Icon>
);

export const AlertIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7.5v5.5M12 16.3v.2" />
  </Icon>
);

export const MachineIcon = ({ size = 28 }: { size?: number }) => (
  <Icon size={size}>
    <rect x="4" y="4" width="16" height="7" rx="2" />
    <rect x="4" y="13" width="16" height="7" rx="2" />
    <path d="M8 7.5h.01M8 16.5h.01M13 7.5h3M13 16.5h3" />
  </Icon>
);

export const SunIcon = () => (
  <Icon size={16}>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon size={16}>
    <path d="M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z" />
  </Icon>
);

export const AutoIcon = () => (
  <Icon size={16}>
    <rect x="4" y="5" width="16" height="11" rx="2" />
    <path d="M9 20h6M12 16v4" />
  </Icon>
);
