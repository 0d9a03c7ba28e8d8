"""What staff do with the questions of a draft: choose a form of ballot, write the question and its options, put questions in order."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.log_actions import log

from ballots import rules
from ballots.combinations import rules_for
from ballots.drafting import add_neither, forget_photos, move_question_up, renumber
from ballots.models import Option, Question
from ballots.question_forms import OptionRows, QuestionForm, new_question, save_question
from ballots.staff_views import StaffView
from pages.uploads import photo_response

Form = Question.Form


class DraftView(StaffView):
    """A page about a draft: of an opened vote nothing can change."""

    needs = "ballots.change_vote"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.has_perm(self.needs) and not (verdict := rules.may_edit(self.vote)):
            messages.error(request, verdict.reason)
            return redirect("vote:inspect", self.vote.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def question(self) -> Question:
        return get_object_or_404(Question, vote=self.vote, number=self.kwargs["number"])

    def note(self) -> None:
        """What happened stands in the log of the vote."""
        log(instance=self.vote, action="wagtail.edit", user=self.request.user, title=self.vote.title)


class ChooseFormView(DraftView, TemplateView):
    """A new question begins with its form of ballot: which settings there are follows from it."""

    template_name = "ballots/admin/choose_form.html"
    page_title = gettext_lazy("Add a question")
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        forms = [form for form in Form if rules_for(form)]
        return {**super().get_context_data(**kwargs), "forms": forms}


class QuestionView(DraftView, TemplateView):
    """A question and its options in one form."""

    template_name = "ballots/admin/question.html"

    def get_page_title(self) -> str:
        return _("Question %(number)s") % {"number": self.question.number}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, options = self._forms(request.POST, request.FILES)
        if not (form.is_valid() and (options is None or options.is_valid())):
            messages.error(request, _("The question has not been saved: see what is wrong below."))
            return self.render_to_response(self.get_context_data(form=form, options=options))
        question = save_question(form, options)
        self.note()
        messages.success(request, _("The question has been saved."))
        if "more" in request.POST:
            question.refresh_from_db()
            return redirect("vote:edit_question", self.vote.pk, question.number)
        return redirect("vote:inspect", self.vote.pk)

    def _forms(self, data: Any = None, files: Any = None) -> tuple[Any, Any]:
        form = QuestionForm(data, instance=self.question)
        if self.question.form == Form.YES_NO:
            return form, None
        # Rows know the question as it was before this form changed it.
        asked = {"asked": self.question}
        return form, OptionRows(data, files, instance=self.question, prefix="options", form_kwargs=asked)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if "form" not in kwargs:
            kwargs["form"], kwargs["options"] = self._forms()
        return {**super().get_context_data(**kwargs), "question": self.question, "media": kwargs["form"].media}


class NewQuestionView(QuestionView):
    """A question of the chosen form."""

    page_title = gettext_lazy("New question")

    def get_page_title(self) -> str:
        return str(self.page_title)

    @cached_property
    def question(self) -> Question:
        form = self.kwargs["kind"]
        if form not in Form.values or not rules_for(form):
            raise Http404
        return new_question(self.vote, form)


class DeleteQuestionView(DraftView, TemplateView):
    """Takes a question with its options off a draft."""

    template_name = "ballots/admin/delete_question.html"
    page_title = gettext_lazy("Delete")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "question": self.question}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            forget_photos(Option.objects.filter(question=self.question))
            self.question.delete()
            renumber(self.vote)
        self.note()
        messages.success(request, _("The question has been deleted."))
        return redirect("vote:inspect", self.vote.pk)


class MoveQuestionView(DraftView, TemplateView):
    """Puts a question one place higher on the ballot."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        move_question_up(self.question)
        self.note()
        return redirect("vote:inspect", self.vote.pk)


class AddNeitherView(DraftView, TemplateView):
    """Adds the option "none of these" to a question where one option is chosen: A, B or neither."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.question.form != Form.CHOICE:
            raise Http404
        with transaction.atomic():
            add_neither(self.question)
        self.note()
        messages.success(request, _("The option “none of these” stands at the end. You can give it other words."))
        return redirect("vote:inspect", self.vote.pk)


class PhotoView(StaffView, TemplateView):
    """The photo of an option, of a draft too."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("ballots.view_vote"):
            raise PermissionDenied
        option = get_object_or_404(Option, vote=self.vote, number=self.kwargs["number"])
        return photo_response(option.image, small=True, is_public=False)  # type: ignore[return-value]
