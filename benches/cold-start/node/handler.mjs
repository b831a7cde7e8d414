// The same reads as our functions, by Node and the AWS SDK: a Runtime API loop without AWS's own client around it
// (so, if anything, faster than on Lambda), and a client that is made on first use.
import http from "node:http";
import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });
const TableName = process.env.TABLE_NAME;
let made;
const table = () => (made ??= new DynamoDBClient({}));

const read = (pk, sk) =>
  table().send(new GetItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }));

const due = (partition) =>
  table().send(
    new QueryCommand({
      TableName,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk AND gsi1sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": { S: `DUE#${partition}` }, ":from": { S: "0" }, ":to": { S: "9" } },
      Limit: 100,
    }),
  );

const answer = (status) => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(status),
  isBase64Encoded: false,
});

async function handle(event) {
  if (event.Records) {
    for (const record of event.Records) {
      const task = JSON.parse(record.body);
      await read(`T#${task.tenant}#`, `INV#${task.invitation}`);
    }
    return { batchItemFailures: [] };
  }
  if (event["detail-type"]) {
    for (let partition = 0; partition < 16; partition += 1) await due(partition);
    return null;
  }
  if (event.rawPath === "/ready") {
    const secret = new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: process.env.SECRET_ID }));
    await Promise.all([read("READY", "READY"), secret]);
    return answer({ status: "ok", table: "ok", secrets: "ok" });
  }
  return answer({ status: "ok" });
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, agent }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

(async () => {
  for (;;) {
    const { headers, text } = await call("GET", "next");
    const body = JSON.stringify(await handle(JSON.parse(text)));
    await call("POST", `${headers["lambda-runtime-aws-request-id"]}/response`, body);
  }
})();
