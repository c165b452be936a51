/** nixlet's own version, kept equal to package.json by test/unit/api/version.test.ts, and that of the Nix it follows. */
export const nixletVersion = '0.1.0';
export const nixVersion = '2.36.0';
