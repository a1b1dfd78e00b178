import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "./controls";
import { InputField } from "./fields";
import { Form } from "./Form";
import shared from "./shared.module.css";

interface SearchFormProps {
  placeholder: string;
  maxLength: number;
  tone?: "plain" | "primary";
  onSearch: (words: string) => void;
  /** Whether an emptied field searches at once. */
  clearsAtOnce?: boolean;
  /** What stands beside the button. */
  children?: ReactNode;
}

/** Words to look for, sent by a button or Enter. */
export function SearchForm(props: SearchFormProps) {
  const { placeholder, maxLength, tone = "plain", onSearch, clearsAtOnce = false, children } = props;
  const [words, setWords] = useState("");
  return (
    <Form className={shared["fields"]} onSubmit={() => onSearch(words.trim())}>
      <InputField
        label="Search"
        type="search"
        value={words}
        maxLength={maxLength}
        placeholder={placeholder}
        onChange={(typed) => {
          setWords(typed);
          if (clearsAtOnce && typed === "") onSearch("");
        }}
      />
      <Button type="submit" tone={tone}>
        Find
      </Button>
      {children}
    </Form>
  );
}
