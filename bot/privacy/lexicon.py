"""Words that help to tell a person's name from the rest of a French sentence."""

from __future__ import annotations

import unicodedata

_FIRST_NAMES = """
adam adèle adrien agathe agnès ahmed aïcha alain albert alexandra alexandre alexis alice aline amélie
amina anaïs andré andrée anne annick annie antoine antoinette arnaud arthur aude audrey aurélie aurélien
aurore bastien benjamin benoît bernadette bernard bertrand béatrice brigitte bruno camille carole
caroline catherine cécile cédric céline chantal charles charlotte chloé christelle christian christiane
christine christophe claire clara claude claudine clémence clément colette corinne cyril damien daniel
danielle david delphine denis denise didier dominique emilie emma emmanuel emmanuelle estelle eugène eva
édouard élisabeth élise élodie émilie éric étienne fabien fabienne fabrice fanny fatima fatoumata
florence florent franck françois françoise frédéric gabriel gaëlle georges germaine gérard gilbert
gilles ginette giselle grégory guillaume guy henri hervé hélène hugo ibrahim inès irène isabelle
jacqueline jacques jean jeanine jeanne jeannine jérémy jérôme joël joseph josette josiane julie julien
juliette karim karine kevin khadija laetitia laura laure laurence laurent léa léo louis louise luc lucas
lucie lucien lucienne ludovic madeleine manon marc marcel marguerite maria marie marine martin martine
mathieu mathilde matthieu maurice maxime mélanie michel micheline michèle mickaël mireille mohamed
mohammed monique myriam nadia nadine nathalie nathan nicolas nicole nina noémie océane odette odile
olivier pascal pascale patrice patricia patrick paul paulette pauline philippe pierre quentin rachid
raphaël raymond raymonde rené renée régine régis rémi richard robert roger roland romain samuel sandra
sandrine sarah serge sébastien séverine simon simone solange sonia sophie stéphane stéphanie suzanne
sylvain sylvie théo thérèse thibault thierry thomas valentin valérie vanessa véronique victor vincent
virginie viviane xavier yann yannick yasmina yves yvette yvonne zoé
"""

_NOT_A_NAME = """
a accepte admis admise adresse affirme afin agréé agréée ai aide aimerait ainsi alors ameli ancien
ancienne annonce août apicem appelle apporte apprend arrive article articles as associé associée
assurance assure attaque atteint atteinte attend au aucun aucune aura aurait aussi autre aux avait avant
avec avez avons avril ayant à bâtonnier bâtonnière bien bonjour bonne bonsoir c ca caisse car
cardiologue carmf ce cela celui cependant certain certaine certains certifie ces cet cette chaque
chatgpt chef cher cherche chers chez chère chères chirurgien chirurgienne ci cinq claude client cliente
cnam cnil cnom code codes collaborateur collaboratrice comme commence comment communique compte confrère
confrères conseil conseille conseiller conseillère consoeur constitution consultant consulte consœur
conteste continue contre convention conventionné conventionnée coordinateur coordonnateur cordialement
cour cpam craint crée croit ça d dans de dehors demandait demande dentiste depuis dermatologue des deux
devait devant devient devra devrait décembre décédé décédée décide déclare décret déjà déménage dépend
dépose député députée désire dimanche directeur directive directrice dit dmp docteur docteure docteurs
doctolib doit doivent donc donne dont dossier doyen doyenne dr du durant effectue ehpad elle elles en
enceinte encore enfin enregistre ensuite entend envoie envoyé es est et eu euro europe euros eux exerce
exige expert experte explique écrit était état été étranger étrangère être facebook facture fait faq
faut février france fut garde gemini gère généraliste google greffier greffière gynécologue habite hds
hier hippocrate hors hospitalier hospitalière hospitalisé hospitalisée ici il ils impose indique informe
insiste instagram installe interne internet intervient invoque j jamais janvier je jeudi juge juillet
juin junior jusque l la laisse laquelle là le lequel les leur leurs libéral libérale linkedin lit loi
lois lorsque loue lui lundi m ma madame mademoiselle mademoiselles mai maiia mailiz maire mais maître
maîtres majeur majeure malade malgré manque mardi mars me mediboard menace mentionne merci mercredi mes
mesdames messieurs médecin médecine médical médicale même microsoft mineur mineure ministre ministres
mis mise mlle mme mmes moi mon monespace monsieur montre mr mssanté n ne nextcloud ni non nos notre nous
novembre oblige obtient occupe octobre on ont openai opéré opérée ophtalmologue opus or order ordonnance
ordre ou outlook ouvre où par parce parle part partage pas passe patient patiente patients pendant pense
perd permet personne peur peut peuvent pédiatre pharmacien pharmacienne plus porte pose pour pourra
pourrait pourtant pr pratique prend prescrit près préfet préfète présentait présente président
présidente prétend prévient prête procureur procureure produit prof professeur professeure propose
proviseur psychiatre puis puisque qu quand quant que quel quelle quelles quels qui quitte quoi raconte
radiologue rappelle rapporteur rapporteure reconnaît reçoit refusait refuse remet remplacé remplacée
remplaçant remplaçante reprend reproche responsable ressort reste retire retourne retraité retraitée
règlement réalise réclame référent référente répond rgpd s s'est sa sait salarié salariée salutations
samedi sans se secrétaire sent septembre sera serait ses seul seule ségur sénateur sénatrice si signale
signe sinon soigne soit sollicite son sonnet sont sort souffre souhaitait souhaite sous souscrit
spécialiste suis suit suite suivi suivie supporte sur surveille t ta te tel telle tes tient titulaire
toi ton toujours tous tout toute toutes traitant traitante transmet travaille très tribunal trois trouve
tu un une union universitaire urssaf utilise va vacataire vasculaire vend vendredi verse veuillez veut
victime vient viole vis visite voit vont vos votre voudrait voulait vous whatsapp y zoom
"""

_ACRONYMS = """
AAH ACS ALD AME AMM AMP ANS ARS AT AVC BPCO CAT CDOM CE CHU CMU CNAM CNIL CNOM COVID CPAM CPTS CSP CSS
DMP DPC EHPAD GHT HAD HAS HDS HIV IRM IVG MDPH MGEN MSP NIR ONIAM PACS PMA PMI PMSI QR RGPD RPPS SARL
SAS SCI SCM SCP SDRF SEL SELARL SELAS SISA SMS SSR TVA UE UHCD URSSAF USA VHB VHC VIH
"""


def fold(word: str) -> str:
    """`word` in lower case and without accents, which people forget when they type."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


FIRST_NAMES = frozenset(fold(_FIRST_NAMES).split())
"""Common first names in France, folded, without ordinary words of the field (France, Rose…)."""

NOT_A_NAME = frozenset(fold(_NOT_A_NAME).split())
"""Words, folded, that may follow « Mme », « Dr », « patient »… and are not a name."""

ACRONYMS = frozenset(_ACRONYMS.split())
"""Capital words that are not surnames."""
