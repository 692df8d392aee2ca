/** The OpenAPI part of what is stored. */
import { StorageReport } from "../../src/contracts/storage.ts";
import { apiPart } from "./part.ts";

export const storageApi = apiPart({
  schemas: { StorageReport },
  operations: [
    {
      method: "get",
      path: "/api/storage",
      summary: "What is stored, and what bounds it",
      scope: "read",
      answers: {
        200: {
          description: "Every stream and bucket",
          schema: "StorageReport",
        },
      },
    },
  ],
});
