/** Kept equal to package.json by test/unit/api/version.test.ts. */
export const nixletVersion = '0.1.0';
