/** Keys of a page and what each does. */
interface Props {
  keys: { keys: string[]; text: string }[];
  /** What stands on a key whose name is another one. */
  names: Record<string, string>;
}

export function KeyList({ keys: rows, names }: Props) {
  return (
    <dl>
      {rows.map(({ keys, text }) => (
        <div key={text}>
          <dt>
            {keys.map((key) => (
              <kbd key={key}>{names[key] ?? key}</kbd>
            ))}
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
