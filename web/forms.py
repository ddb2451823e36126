"""The forms of the pages. What a value must be, the services say in words; forms only read it."""

from __future__ import annotations

from datetime import date

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from credit_control.brakes import LARGEST_CAP
from kit.wording import later
from services.preferences import LONGEST_DISPUTE, LONGEST_GAP, LONGEST_GRACE
from services.sender_settings import LARGEST_DAILY_LIMIT
from services.senders import USUAL_DAILY_LIMIT
from services.switches import LONGEST_BOOKS_LIMIT

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class HoldForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Stop chasing a customer or an invoice."""

    reason = StringField(
        later("Why"),
        [DataRequired(later("Say why, so that a colleague understands it later.")), Length(max=300)],
    )
    until = DateField(later("Until and including"), [Optional()])
    look_on = DateField(later("Look again on"), [Optional()])

    def validate_look_on(self, field: DateField) -> None:
        if isinstance(field.data, date) and field.data.year > 2200:
            field.errors = [
                *field.errors,
                "That is too far away; choose a day on which somebody is still there.",
            ]

    def validate_until(self, field: DateField) -> None:
        """A browser sends a date or nothing; a year beyond four digits is a slip."""
        if isinstance(field.data, date) and field.data.year > 2200:
            field.errors = [
                *field.errors,
                "That is too far away; leave it empty to hold until somebody releases it.",
            ]


class CommonSignatureForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """What stands under mails whose sender has no signature."""

    signature = TextAreaField(later("Signature of the organisation"), [Length(max=1000)])


class SenderForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """One who writes mails, and how these leave."""

    name = StringField(later("Name"), [Length(max=100)])
    email = StringField(later("E-mail address"), [Length(max=254)])
    signature = TextAreaField(later("Signature"), [Length(max=1000)])
    person_id = SelectField(later("Whose it is"), choices=[], validate_choice=False)
    way = SelectField(
        later("How the mails leave"),
        choices=[
            SelectChoice("provider", later("through the mail provider, as your domain")),
            SelectChoice("mailbox", later("through this sender’s own mailbox")),
        ],
        validate_choice=False,
    )
    host = StringField(later("Mail server"), [Length(max=253)])
    port = IntegerField(
        later("Port"),
        [Optional(), NumberRange(1, 65_535, later("The port is a number from 1 to 65535."))],
        default=587,
    )
    security = SelectField(
        later("Encryption"),
        choices=[
            SelectChoice("starttls", later("STARTTLS (587)")),
            SelectChoice("tls", later("TLS (465)")),
        ],
        validate_choice=False,
    )
    user = StringField(later("User name"), [Length(max=254)])
    password = PasswordField(later("App password"), [Length(max=1000)])
    daily_limit = IntegerField(
        later("Most mails in 24 hours"),
        [
            Optional(),
            NumberRange(
                1,
                LARGEST_DAILY_LIMIT,
                later("Give a whole number from 1 to %(most)s.", most=LARGEST_DAILY_LIMIT),
            ),
        ],
        default=USUAL_DAILY_LIMIT,
    )


class OwnSignatureForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """What stands under mails from one's own address."""

    own_signature = TextAreaField(later("Your signature"), [Length(max=1000)])


class NoticesForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """What one wants to be told by mail."""

    evening_notice = BooleanField(later("On the evening before mails leave"))


class ApprovalForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Which mails wait for a person's yes."""

    approval = RadioField(
        later("Who says yes"),
        choices=[
            SelectChoice(
                "off", later("Nobody: mails leave by themselves, except those of steps that ask for a go")
            ),
            SelectChoice("formal_steps", later("A person for formal letters too")),
            SelectChoice("every_message", later("A person for every mail")),
        ],
    )


class WindowForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """When mails may leave."""

    days = SelectMultipleField(
        later("Days"),
        choices=[SelectChoice(number, word) for number, word in enumerate(_WEEKDAYS)],
        coerce=int,
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    opens = TimeField(
        later("From"), [InputRequired(later("Give the time from which mails may leave, such as 09:30."))]
    )
    closes = TimeField(
        later("To"), [InputRequired(later("Give the time after which no mail leaves, such as 16:00."))]
    )


class CapForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """How many mails may leave in 24 hours."""

    daily_cap = IntegerField(
        later("Most mails in 24 hours"),
        [
            Optional(),
            NumberRange(
                0, LARGEST_CAP, later("Give a whole number from 0 to %(most)s, or nothing.", most=LARGEST_CAP)
            ),
        ],
    )


class Digits(IntegerField):  # type: ignore[misc]  # wtforms has no types
    """A whole number in plain digits; signs, underscores and the digits of other scripts are slips.

    Of a slip the validators tell, which know what is wanted.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """The number, or nothing where none was typed."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else None


class WaitsForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """How long a customer is left in peace."""

    minimum_gap_days = Digits(
        later("Days between two messages"),
        [
            NumberRange(
                1, LONGEST_GAP, later("Give a whole number of days from 1 to %(most)s.", most=LONGEST_GAP)
            )
        ],
    )
    promise_grace_days = Digits(
        later("Working days after an expected payment"),
        [
            NumberRange(
                0, LONGEST_GRACE, later("Give a whole number of days from 0 to %(most)s.", most=LONGEST_GRACE)
            )
        ],
    )
    dispute_days = Digits(
        later("Days to answer a dispute"),
        [
            Optional(),
            NumberRange(
                1,
                LONGEST_DISPUTE,
                later("Give a whole number of days from 1 to %(most)s.", most=LONGEST_DISPUTE),
            ),
        ],
    )


class ContactLawForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Of which countries the limits that were only read in reports keep messages back."""

    countries = SelectMultipleField(
        later("Countries"),
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class BooksForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """After how many days without a payment the books are in doubt, and what happens then."""

    when_books_lag = RadioField(
        later("What happens then"),
        choices=[
            SelectChoice("ask", later("Mails are held, and a person can let them go")),
            SelectChoice("hold", later("Mails are held until a payment has been entered")),
            SelectChoice("soften", later("Mails leave, and say first how far the books are complete")),
        ],
    )

    books_limit_days = IntegerField(
        later("Days without a payment"),
        [
            Optional(),
            NumberRange(
                1,
                LONGEST_BOOKS_LIMIT,
                later(
                    "Give a whole number of days from 1 to %(most)s, or nothing.", most=LONGEST_BOOKS_LIMIT
                ),
            ),
        ],
    )
