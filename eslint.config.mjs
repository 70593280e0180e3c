// @ts-check
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: [
      'packages/nx-otp/bin/**',
      '**/dist/**',
      '**/dist-test/**',
      '**/node_modules/**',
      '**/.nx/**',
      'e2e/dummy*/**',
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    // Compiled to CommonJS, a file reads its own exported constants from `exports`: another one in scope hides them.
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'VariableDeclarator > ObjectPattern > Property[value.name="exports"]',
          message: "In the compiled file `exports` is the module's own: give the variable another name.",
        },
      ],
    },
  },
  // The type check knows Node's globals, of JavaScript, too.
  { files: ['**/*.mjs'], rules: { 'no-undef': 'off' } },
);
