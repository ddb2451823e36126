"""Who our made-up companies sell to: invented names under `.example` domains, from several countries.

`size` is a typical invoice before tax in the customer's currency, `a_year` how many it gets in a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Habit(StrEnum):
    """How a customer pays."""

    PROMPT = "a little before the due date"
    PAYMENT_RUN = "in the first payment run on a 25th after the due date"
    SLOW = "some weeks late"
    FORGETFUL = "on time, or a good deal later when nobody asks"
    DISPUTES = "late, and now and then only after an argument"
    STALLED = "not any more"


@dataclass(frozen=True, slots=True)
class Customer:
    """One made-up customer; `terms` is days after the invoice date."""

    name: str
    habit: Habit
    terms: int
    size: int
    a_year: int
    person: str
    country: str = "GB"
    currency: str = "GBP"
    has_email: bool = True
    colleagues: tuple[str, ...] = ()


_P, _R, _S = Habit.PROMPT, Habit.PAYMENT_RUN, Habit.SLOW
_F, _D, _X = Habit.FORGETFUL, Habit.DISPUTES, Habit.STALLED

JOINERY_CUSTOMERS = (
    Customer("Alderwick Homes", _R, 30, 4200, 14, "Martha Quill", colleagues=("Dev Anand", "Sue Tranter")),
    Customer("Penhallow & Crane Architects", _P, 14, 1850, 12, "Jory Penhallow"),
    Customer("Brackenmoor School Trust", _R, 30, 2600, 12, "Helen Osei", colleagues=("Bursar's Office",)),
    Customer("Thistledown Interiors", _S, 14, 980, 24, "Imogen Farr"),
    Customer("Wrenfield Parish Council", _P, 30, 640, 6, "Clerk to the Council"),
    Customer("Oxmere Lettings", _F, 14, 420, 32, "Tariq Malik"),
    Customer("Copperbeech Care", _S, 30, 1900, 14, "Anita Rowe", colleagues=("Accounts Payable",)),
    Customer("Marsh & Tolliver Builders", _S, 14, 3100, 24, "Ken Tolliver", colleagues=("Ray Marsh",)),
    Customer("Saltings Boatyard", _F, 30, 1450, 10, "Nell Gowan"),
    Customer("The Plover Inn", _S, 14, 760, 8, "Bram Whitlock", has_email=False),
    Customer("Quarrybank Developments", _X, 30, 5200, 10, "Gavin Stroud", colleagues=("Lena Stroud",)),
    Customer("Fernhollow Nursery", _P, 14, 510, 9, "Priya Nair"),
    Customer("Harrow Lane Dental", _P, 14, 890, 7, "Dr. Ifeoma Eze"),
    Customer("Kestrel Point Offices", _R, 30, 3400, 8, "Oliver Brandt", colleagues=("Facilities Desk",)),
    Customer("Millrace Brewery", _S, 30, 1280, 12, "Tom Averill"),
    Customer("St Osyth's Almshouses", _P, 30, 720, 6, "The Warden"),
    Customer("Tidewater Cafés", _F, 14, 560, 14, "Lucia Romano"),
    Customer("Underhill Property", _D, 30, 2300, 16, "Simon Peel", colleagues=("Peel Site Office",)),
    Customer("Vale of Arden Estates", _R, 60, 6100, 8, "Charlotte Byng"),
    Customer("Waxwing Studios", _F, 14, 690, 10, "Joss Carey"),
    Customer("Yarrow & Daughters", _P, 14, 1150, 10, "Edie Yarrow"),
    Customer("Zinnia House Hotel", _S, 30, 2050, 12, "Marcus Heale"),
    Customer("Bellchamber Theatre", _F, 30, 1700, 8, "Wardrobe & Sets"),
    Customer("Candlewick Lofts", _S, 14, 2250, 18, "Aisha Karim"),
    Customer("Dovecote Kitchens", _P, 14, 1320, 26, "Rhys Bevan"),
    Customer("Elmstead Cricket Club", _F, 30, 380, 5, "Hon. Treasurer"),
    Customer("Foxglove Weddings", _S, 14, 610, 8, "Bea Lindley"),
    Customer("Greycoat Chambers", _R, 30, 2900, 8, "Senior Clerk"),
    Customer("Hobby Farm Stays", _F, 14, 940, 8, "Will Sear"),
    Customer("Ivelchester Museum", _P, 30, 1560, 6, "Noor Hassan"),
    Customer(
        "Jessamy Fitouts", _S, 30, 3800, 20, "Craig Dunmore", colleagues=("Purchase Ledger", "Ola Dunmore")
    ),
    Customer("Kingfisher Row Residents", _F, 14, 450, 6, "Mrs. P. Adeyemi", has_email=False),
    Customer("Lanternfield Primary", _P, 30, 830, 8, "School Office"),
    Customer("Mossgate Contractors", _D, 30, 4100, 14, "Steve Hallam", colleagues=("QS Team",)),
    Customer("Nettlecombe Hall", _S, 30, 2700, 8, "Estate Office"),
    Customer("Orchard Row Veterinary", _P, 14, 740, 7, "Fiona Sharpe"),
    Customer("Pinfold Physio", _F, 14, 390, 6, "Ewan Mackie"),
    Customer("Quillon Security", _S, 14, 1080, 10, "Accounts"),
    Customer("Redstart Coffee Roasters", _S, 14, 870, 16, "Hana Suzuki"),
    Customer("Sallow & Rook Solicitors", _P, 30, 1240, 6, "Practice Manager"),
    Customer("Greenfinch Housing Association", _R, 30, 3600, 9, "Payables Team", colleagues=("Ruth Bligh",)),
    Customer("Bosky Playgrounds", _X, 30, 2400, 8, "Carl Venn"),
    Customer(
        "Ballyvarra Design", _S, 30, 1650, 12, "Aoife Breslin", "IE", "EUR", colleagues=("Conor Breslin",)
    ),
    Customer("Inishmoyle Hotels", _R, 30, 3900, 10, "Declan Foy", "IE", "EUR"),
    Customer("Cill Dubh Crafts", _F, 14, 540, 8, "Sorcha Ní Bhroin", "IE", "EUR"),
    Customer("Atelier Brindamour", _S, 30, 2150, 12, "Camille Brindamour", "FR", "EUR"),
    Customer(
        "Maisons Valcourbe", _R, 60, 4800, 8, "Hugo Lestrange", "FR", "EUR", colleagues=("Comptabilité",)
    ),
    Customer("Tischlerei Ahornweg", _P, 14, 1750, 14, "Jürgen Falk", "DE", "EUR"),
    Customer("Lindenhof Ladenbau", _P, 30, 3300, 12, "Sabine Orth", "DE", "EUR", colleagues=("Buchhaltung",)),
    Customer("Havenkade Interieur", _F, 30, 1400, 10, "Pieter van Loon", "NL", "EUR"),
    Customer("Studio Zeegras", _S, 14, 920, 10, "Femke de Wit", "NL", "EUR"),
    Customer("Bodega Torrealba", _D, 30, 2600, 8, "Inés Torrealba", "ES", "EUR"),
    Customer("Fjordlys Møbler", _P, 30, 2900, 8, "Ingrid Solheim", "NO", "EUR"),
    Customer(
        "Cedar Hollow Design", _S, 30, 3500, 12, "Dana Whitfield", "US", "USD", colleagues=("AP Department",)
    ),
    Customer("Blue Heron Outfitters", _P, 30, 2100, 9, "Miguel Ortega", "US", "USD"),
    Customer("Prairie Lantern Co-op", _F, 60, 1800, 6, "June Halvorsen", "US", "USD"),
    Customer("Maple Narrows Homes", _R, 30, 4400, 8, "Étienne Roy", "CA", "USD"),
    Customer("Samphire Shopfitting", _S, 30, 2800, 20, "Leanne Cope", colleagues=("Invoices Inbox",)),
    Customer("Teasel Lane Studios", _F, 14, 660, 8, "Gus Ferrier"),
)

BAKERY_CUSTOMERS = (
    Customer("The Long Table Deli", _P, 14, 240, 10, "Marion Speight"),
    Customer("Cobnut Café", _S, 14, 180, 8, "Yusuf Demir"),
    Customer("Hollin Bank Surgery", _R, 30, 95, 6, "Reception"),
    Customer("Gorsefield Guest House", _F, 14, 130, 8, "Dilys Pugh"),
    Customer("Station Approach Sandwiches", _S, 14, 310, 10, "Vik Patel"),
)

JOINERY_WORK = (
    "Oak staircase, made and fitted",
    "Sash windows, restored and re-hung",
    "Fitted bookcase in painted poplar",
    "Fire doors, supplied and hung",
    "Reception desk in ash veneer",
    "Second-fix carpentry",
    "Garden room frame in larch",
    "Kitchen carcasses and fronts",
    "Shop counter and shelving",
    "Skirting and architrave, run to pattern",
    "Survey and drawings",
    "Workshop hours, bench joinery",
)
BAKERY_WORK = ("Bread for the week", "Rolls and focaccia", "Celebration cakes", "Pastry trays")
