"""Words can be read: WCAG AA asks 4.5 : 1, 3 : 1 of large ones. Run: pytest tests/browser/test_contrast.py."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser import documents
from browser.projects import ServedProject
from browser.signing_in import signed_in
from epochal.server.serving import ServerThread

pytestmark = pytest.mark.browser

# Of each text its contrast against the backgrounds below it, where that is too low. Source: WCAG 2.2, 1.4.3.
FAINT = """() => {
    const context = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
        .getContext('2d', {willReadFrequently: true});
    const colour = text => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = text;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const part = value => value <= 0.04045 * 255 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const faint = {};
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement, word = texts.currentNode.textContent.trim();
        if (!word || !element.getClientRects().length || element.closest('svg, [aria-hidden=true]')) continue;
        let ground = colour(getComputedStyle(document.body).backgroundColor), opacity = 1;
        const around = [];
        for (let at = element; at; at = at.parentElement) around.unshift(getComputedStyle(at));
        for (const style of around) {
            ground = over(colour(style.backgroundColor), ground);
            opacity *= Number(style.opacity);
        }
        if (opacity === 0) continue;  // shown when the pointer or the focus is there
        const style = getComputedStyle(element), ink = colour(style.color);
        const [a, b] = [light(over([...ink.slice(0, 3), ink[3] * opacity], ground)), light(ground)];
        const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < (isLarge ? 3 : 4.5)) faint[word.slice(0, 40)] = contrast.toFixed(2);
    }
    return faint;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_the_app__can_be_read(
    server: ServerThread, project: ServedProject, open_page: Callable[..., Page], scheme: Any
) -> None:
    image = project.client.get(f"{project.url}/images").json()["images"][0]["id"]
    page = open_page(signed_in(server, f"/w/my-workspace/projects/{project.slug}/annotate/{image}"), scheme=scheme)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert page.evaluate(FAINT) == {}
    for tab in ("images", "assist", "health", "versions", "deploy", "settings"):
        page.goto(f"{server.address}/#/w/my-workspace/projects/{project.slug}/{tab}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FAINT) == {}, tab
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_a_report__can_be_read(open_report: Callable[..., Page], scheme: Any) -> None:
    page = open_report(documents.healthy(), scheme=scheme)
    expect(page.get_by_role("heading", name="Confusion matrix on test")).to_be_visible()
    assert page.evaluate(FAINT) == {}
