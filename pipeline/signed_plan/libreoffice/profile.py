"""The profile for one run of LibreOffice, with our macro in it. The user's own is never used."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape

MACRO = "macro:///Standard.Numbered."

_FILES = {
    # Without the first item LibreOffice lays its own presets over the profile, macro and all. The
    # second keeps it from fetching what a file only links to, on a server or on this machine. The
    # others leave to tracked changes the look that they have: it would take a pale colour for each
    # author, whatever the ground. The number stands for no colour.
    "registrymodifications.xcu": """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" oor:op="fuse">\
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">\
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Revision/TextDisplay/Insert">\
<prop oor:name="Attribute" oor:op="fuse"><value>0</value></prop>\
<prop oor:name="Color" oor:op="fuse"><value>-2130706433</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Revision/TextDisplay/Delete">\
<prop oor:name="Color" oor:op="fuse"><value>-2130706433</value></prop></item>
</oor:items>
""",
    "basic/script.xlc": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" \
xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" \
xlink:type="simple" library:link="false"/>
</library:libraries>
""",
    "basic/Standard/script.xlb": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" \
library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Numbered"/>
</library:library>
""",
    "basic/Standard/Numbered.xba": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Numbered" \
script:language="StarBasic">{macro}</script:module>
""",
}


def lay_out_profile(profile: Path, macro: str | None = None) -> None:
    """Writes a new profile into that folder, for LibreOffice's UserInstallation.

    Its macro, a module of LibreOffice Basic, is the one that is given, or else numbered.bas.
    """
    if macro is None:
        macro = (
            resources.files("signed_plan.libreoffice").joinpath("numbered.bas").read_text("utf-8")
        )
    for name, text in _FILES.items():
        path = profile / "user" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{macro}", escape(macro)), encoding="utf-8")
