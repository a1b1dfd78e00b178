/** A request as code, ready to be copied. KEY stays a word: keys are not shown again. */

export const LANGUAGES = ["curl", "python", "javascript"] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_NAMES: Record<Language, string> = { curl: "curl", python: "Python", javascript: "JavaScript" };

interface Asked {
  /** Of the server, without a slash at its end. */
  address: string;
  workspace: string;
  model: string;
  confidence: number;
  overlap: number;
}

export function snippet(language: Language, asked: Asked): string {
  const { address, workspace, model } = asked;
  const [confidence, overlap] = [rounded(asked.confidence), rounded(asked.overlap)];
  const path = `/api/workspaces/${encodeURIComponent(workspace)}/models/${encodeURIComponent(model)}/infer/image`;
  const url = `${address}${path}?confidence=${confidence}&overlap=${overlap}`;
  if (language === "curl") {
    return [
      `curl --data-binary @photo.jpg \\`,
      `  -H "Authorization: Bearer KEY" -H "Content-Type: image/jpeg" \\`,
      `  "${url}"`,
    ].join("\n");
  }
  if (language === "python") {
    return [
      `# pip install inference-sdk`,
      `from inference_sdk import InferenceConfiguration, InferenceHTTPClient`,
      ``,
      `client = InferenceHTTPClient(api_url="${address}", api_key="KEY")`,
      `client.configure(InferenceConfiguration(confidence_threshold=${confidence}, iou_threshold=${overlap}))`,
      `print(client.infer("photo.jpg", model_id="${workspace}/${model}")["predictions"])`,
    ].join("\n");
  }
  return [
    `const answer = await fetch("${url}", {`,
    `  method: "POST",`,
    `  headers: { Authorization: "Bearer KEY", "Content-Type": file.type },`,
    `  body: file, // a File or Blob`,
    `});`,
    `console.log((await answer.json()).images[0].predictions);`,
  ].join("\n");
}

/** To four digits behind the dot, downwards: a box that the page shows is not lost to the code. */
function rounded(share: number): number {
  return Math.floor(share * 10_000 + 1e-6) / 10_000;
}
