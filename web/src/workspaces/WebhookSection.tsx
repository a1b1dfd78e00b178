/** The secret that messages of trainings to webhooks are signed with. */
import { useMutation } from "@tanstack/react-query";
import { getWebhookSecret } from "../server/people";
import { Button } from "../ui/controls";
import { Section, ShownOnce } from "./Section";
import shared from "../ui/shared.module.css";

const ABOUT =
  "A training can tell an address of its start, a silence and its end; its form has the field. Each message is signed with this secret, so that the receiver knows who sent it.";

export function WebhookSection({ slug }: { slug: string }) {
  const secret = useMutation({ mutationFn: (renew: boolean) => getWebhookSecret(slug, renew) });
  return (
    <Section title="Webhooks" about={ABOUT} error={secret.error}>
      {secret.data && (
        <ShownOnce
          label="The secret"
          text={secret.data.secret}
          about="The header X-Epochal-Signature is sha256= and the HMAC-SHA256, in hex, of the header X-Epochal-Timestamp, a dot, and the body."
        />
      )}
      <div className={shared["buttons"]}>
        <Button disabled={secret.isPending} onClick={() => secret.mutate(false)}>
          Show the secret
        </Button>
        {secret.data && (
          <Button tone="danger" disabled={secret.isPending} onClick={() => secret.mutate(true)}>
            Make another; the old one is void
          </Button>
        )}
      </div>
    </Section>
  );
}
