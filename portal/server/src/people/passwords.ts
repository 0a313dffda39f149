// Argon2id with OWASP's first choice of parameters: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
import { hash, verify } from "@node-rs/argon2";

export const minPasswordLength = 12;
export const maxPasswordLength = 128;

export function hashPassword(password: string): Promise<string> {
  // The package's default algorithm is Argon2id.
  return hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
}

export function verifyPassword({
  hash: stored,
  password,
}: {
  hash: string;
  password: string;
}): Promise<boolean> {
  return verify(stored, password);
}
