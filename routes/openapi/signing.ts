/** The OpenAPI part of signed invokes. */
import {
  SigningSecretAnswer,
  SigningSecretRequest,
} from "../../src/contracts/signature.ts";
import { apiPart } from "./part.ts";

export const signingApi = apiPart({
  schemas: {
    SigningSecret: SigningSecretAnswer,
    SigningSecretRequest,
  },
  operations: [
    {
      method: "put",
      path: "/api/functions/{name}/signing-secret",
      summary: "Give or make the secret of signed invokes; it is shown once",
      scope: "deploy",
      body: { type: "application/json", schema: "SigningSecretRequest" },
      answers: { 200: { description: "The secret", schema: "SigningSecret" } },
    },
    {
      method: "delete",
      path: "/api/functions/{name}/signing-secret",
      summary:
        "Forget the secret; a function that asks for signatures refuses all",
      scope: "deploy",
      answers: { 204: { description: "It is gone" } },
    },
  ],
});
