"""A form of ours in the admin that says at the top of the page that it was not saved."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import FormView
from wagtail.admin import messages


class StaffFormView(FormView):
    """A form below what it is about: without a sentence at the top nobody sees that something further down is wrong."""

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.validation_error(self.request, _("Not saved. Below it says what is wrong."), form)
        return super().form_invalid(form)
