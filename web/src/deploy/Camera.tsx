/** The camera, where the browser has one and the page may use it: a picture each time that it is pressed. */
import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/controls";
import styles from "./Deploy.module.css";

export function Camera({ onPicture }: { onPicture: (picture: Blob | null) => void }) {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [problem, setProblem] = useState("");
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
    return () => stream?.getTracks().forEach((track) => track.stop());
  }, [stream]);
  // Browsers hide it on pages that came over plain HTTP from another machine.
  if (!("mediaDevices" in navigator)) return null;
  const begin = (): void => {
    navigator.mediaDevices.getUserMedia({ video: true }).then(
      (got) => {
        setProblem("");
        setStream(got);
      },
      () => setProblem("The camera was not given to this page."),
    );
  };
  const take = (): void => {
    const from = video.current;
    if (!from) return;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [from.videoWidth, from.videoHeight];
    canvas.getContext("2d")?.drawImage(from, 0, 0);
    canvas.toBlob(onPicture, "image/jpeg", 0.92);
  };
  return (
    <>
      {stream ? (
        <>
          <video ref={video} className={styles["camera"]} autoPlay muted playsInline aria-label="Camera" />
          <Button tone="primary" onClick={take}>
            Take a picture
          </Button>
          <Button tone="quiet" onClick={() => setStream(null)}>
            Close the camera
          </Button>
        </>
      ) : (
        <Button onClick={begin}>Use the camera</Button>
      )}
      {problem && <span role="alert">{problem}</span>}
    </>
  );
}
