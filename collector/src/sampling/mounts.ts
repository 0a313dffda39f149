/** What statfs(2) tells of a mounted file system, as the kernel gives it; no inodes where it sets no limit to them. */
export const mountFields = [
  "block_bytes",
  "blocks",
  "blocks_free",
  "blocks_available",
  "inodes",
  "inodes_free",
] as const;
