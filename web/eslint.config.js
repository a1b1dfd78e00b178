import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "dist"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  reactHooks.configs.flat["recommended-latest"],
  {
    rules: {
      // 10 as in the Python code, and some more: here every ?? of an array access counts as a branch.
      complexity: ["error", 16],
      "max-lines": ["error", 250],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
);
