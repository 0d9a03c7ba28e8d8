"""Building blocks for the municipality's own pages; each has a template in `templates/components/blocks/`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]
SHORT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]


class PictureBlock(blocks.StructBlock):
    """A picture; what it shows must be said in words."""

    image = ImageChooserBlock(label=_("image"))
    alt = blocks.CharBlock(
        label=_("what the image shows"),
        max_length=200,
        help_text=_("For people who cannot see the image. Say what matters in it."),
    )
    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    class Meta:
        label = _("Image")
        icon = "image"
        template = "components/blocks/picture.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("text"), max_length=500)
    source = blocks.CharBlock(label=_("who said it"), max_length=100, required=False)

    class Meta:
        label = _("Quote")
        icon = "openquote"
        template = "components/blocks/quote.html"


class LinkBlock(blocks.StructBlock):
    """A link to a page of the site, or to an address."""

    text = blocks.CharBlock(label=_("text on the button"), max_length=60)
    page = blocks.PageChooserBlock(label=_("page"), required=False)
    address = blocks.CharBlock(
        label=_("or an address"), max_length=300, required=False, help_text=_("Begin with / or with https://.")
    )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned["page"]) == bool(cleaned["address"]):
            raise blocks.StructBlockValidationError(
                block_errors={"page": ValidationError(_("Choose a page or write an address."))}
            )
        if cleaned["address"] and not _is_safe(cleaned["address"]):
            message = _("An address begins with / or with https://.")
            raise blocks.StructBlockValidationError(block_errors={"address": ValidationError(message)})
        return cleaned

    class Meta:
        label = _("Button")
        icon = "link"
        template = "components/blocks/link.html"


def _is_safe(address: str) -> bool:
    """No `javascript:`, and no `//other.site` that looks like a path."""
    return address.startswith("https://") or (address.startswith("/") and not address.startswith(("//", "/\\")))


class CallToActionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("title"), max_length=80)
    text = blocks.TextBlock(label=_("text"), max_length=300, required=False)
    link = LinkBlock(label=_("button"))

    class Meta:
        label = _("Call to action")
        icon = "pick"
        template = "components/blocks/call_to_action.html"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("question"), max_length=150)
    answer = blocks.RichTextBlock(label=_("answer"), features=SHORT_FEATURES)


class QuestionsBlock(blocks.StructBlock):
    """Questions that fold out, without a script."""

    title = blocks.CharBlock(label=_("title"), max_length=80, required=False)
    questions = blocks.ListBlock(QuestionBlock(label=_("question")), label=_("questions"), min_num=1)

    class Meta:
        label = _("Questions and answers")
        icon = "help"
        template = "components/blocks/questions.html"


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("title"), max_length=60)
    text = blocks.TextBlock(label=_("text"), max_length=300)


class StepsBlock(blocks.StructBlock):
    """Steps with a number, side by side where there is room."""

    title = blocks.CharBlock(label=_("title"), max_length=80, required=False)
    steps = blocks.ListBlock(StepBlock(label=_("step")), label=_("steps"), min_num=2, max_num=6)

    class Meta:
        label = _("Steps")
        icon = "list-ol"
        template = "components/blocks/steps.html"


class BodyBlock(blocks.StreamBlock):
    """The text of a page."""

    text = blocks.RichTextBlock(
        label=_("Text"), features=TEXT_FEATURES, icon="pilcrow", template="components/blocks/text.html"
    )
    picture = PictureBlock()
    quote = QuoteBlock()
    call_to_action = CallToActionBlock()
    questions = QuestionsBlock()
    steps = StepsBlock()


def text_body(html: str) -> list[tuple[str, Any]]:
    """A body of one text, for code that makes pages: `ContentPage(body=text_body("<p>…</p>"))`."""
    from wagtail.rich_text import RichText

    return [("text", RichText(html))]
