"""What a debtor's mail says: by rules that people can read, with the sentence that led there.

Pure functions over text. The rules of each language stand in ``templates/meanings``.
"""

from services.understanding.automatic import Automatic, automatic
from services.understanding.meanings import Meaning, Understood
from services.understanding.understand import understand

__all__ = ["Automatic", "Meaning", "Understood", "automatic", "understand"]
