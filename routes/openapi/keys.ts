/** The OpenAPI part of API keys. */
import { z } from "zod";
import { CreatedKey, KeyRequest, KeyView } from "../../src/contracts/key.ts";
import { apiPart } from "./part.ts";

export const keysApi = apiPart({
  schemas: {
    CreatedKey,
    KeyList: z.object({ keys: z.array(KeyView) }),
    KeyRequest,
  },
  operations: [
    {
      method: "get",
      path: "/api/keys",
      summary: "List keys, without the keys themselves",
      scope: "admin",
      answers: { 200: { description: "All of them", schema: "KeyList" } },
    },
    {
      method: "post",
      path: "/api/keys",
      summary: "Make a key; it is shown once",
      scope: "admin",
      body: { type: "application/json", schema: "KeyRequest" },
      answers: { 201: { description: "The key", schema: "CreatedKey" } },
    },
    {
      method: "delete",
      path: "/api/keys/{id}",
      summary: "Revoke a key, on every gateway",
      scope: "admin",
      answers: { 204: { description: "It opens nothing any more" } },
    },
  ],
});
