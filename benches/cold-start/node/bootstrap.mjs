// The same work in Node: asks the Runtime API for an event, does what the function does, answers.
// Leaner than Lambda's own Node runtime, so the comparison flatters Node.
import http from "node:http";

const kind = process.argv[2];
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, agent }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ id: answer.headers["lambda-runtime-aws-request-id"], text }));
    });
    request.on("error", reject);
    request.end(body);
  });

const { DynamoDBClient, GetItemCommand, QueryCommand } = await import("@aws-sdk/client-dynamodb");
const client = new DynamoDBClient({});
const TableName = process.env.TABLE_NAME;
const get = (pk, sk) => client.send(new GetItemCommand({ TableName, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }));

const handlers = {
  http: async (event) => {
    if (event.rawPath === "/ready") await get("READY", "READY");
    return { statusCode: 200, body: JSON.stringify({ status: "ok" }) };
  },
  queue: async (event) => {
    const failures = [];
    for (const record of event.Records) {
      try {
        const task = JSON.parse(record.body);
        await get(task.task === "mail_reset" ? `RESET#${task.reset}` : `T#${task.tenant}#`, "X");
      } catch {
        failures.push({ itemIdentifier: record.messageId });
      }
    }
    return { batchItemFailures: failures };
  },
  timer: async () => {
    for (let part = 0; part < 16; part += 1) {
      await client.send(
        new QueryCommand({
          TableName,
          IndexName: "gsi1",
          KeyConditionExpression: "gsi1pk = :pk",
          ExpressionAttributeValues: { ":pk": { S: `DUE#${part}` } },
          Limit: 100,
        }),
      );
    }
    return null;
  },
};

for (;;) {
  const { id, text } = await call("GET", "next");
  const answer = await handlers[kind](JSON.parse(text));
  await call("POST", `${id}/response`, JSON.stringify(answer));
}
