import { useMutation } from "@tanstack/react-query";

/** A form that is sent: what it says while it is, and when it was. */
export function useSaving<Value, Answer>(send: (value: Value) => Promise<Answer>, onSaved: (answer: Answer) => void) {
  const { mutate, error, isPending, isSuccess } = useMutation({ mutationFn: send, onSuccess: onSaved });
  return { save: mutate, error, isPending, isSaved: isSuccess };
}
